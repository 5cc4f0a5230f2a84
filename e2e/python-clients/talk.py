"""How these programs talk with the story that started them: a line of JSON each way."""

import json
import os
import sys

URL = os.environ["CAHIER_URL"]
TOKEN = os.environ.get("CAHIER_TOKEN")


def tell(**facts):
    print(json.dumps(facts), flush=True)


def hear():
    """Waits until the story says something."""
    return json.loads(sys.stdin.readline())
