#!/bin/sh
# The web server; the tables may not be there yet.
until python3 manage.py migrate --check >/dev/null 2>&1; do
  sleep 0.5
done
exec python3 manage.py runserver --noreload 0.0.0.0:8000
