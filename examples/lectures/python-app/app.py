from datetime import datetime

from flask import Flask, jsonify

LOG_FILE = "/app/data/log.txt"

app = Flask(__name__)


@app.route("/")
def home():
    with open(LOG_FILE, "a") as f:
        f.write(f"GET request received at {datetime.now()}\n")
    return jsonify(message="Hello from Dockerized Flask API!")


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
