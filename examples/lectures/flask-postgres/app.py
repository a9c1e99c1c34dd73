import psycopg2
from flask import Flask

app = Flask(__name__)


@app.route("/")
def home():
    with psycopg2.connect(host="db", user="postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        return cursor.fetchone()[0] + "\n"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000)
