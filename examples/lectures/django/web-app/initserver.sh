#!/bin/sh
# Waits for the database, then makes its tables.
until python3 manage.py migrate --noinput; do
  sleep 0.5
done
