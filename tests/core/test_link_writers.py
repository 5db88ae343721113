"""Which setup commands are taken to write through a link."""

from __future__ import annotations

import pytest

from git_okstra.core import link_writers

LINKS = ["node_modules", ".env", ".venv", "결제/.env", "packages/web/node_modules", "vendor/bundle"]
BOTH = ["node_modules", "packages/web/node_modules"]

WRITES = {
    "npm ci": BOTH,
    "FOO='a b' npm ci": BOTH,
    "sudo -E npm i": BOTH,
    "npm --prefix packages/web ci": BOTH,
    "cd packages/web && npm install": BOTH,
    "timeout -k 5s 10m npm ci": BOTH,
    "bash -lc 'npm ci && true'": BOTH,
    "test -d node_modules || npm ci": BOTH,
    "if [ -f package.json ]; then npm ci; fi": BOTH,
    "npm ci\nmake": BOTH,
    "(npm ci)": BOTH,
    "echo $(npm ci)": BOTH,
    "yarn": BOTH,
    "yarn --frozen-lockfile": BOTH,
    "corepack pnpm i": BOTH,
    "bun install": BOTH,
    "npm ci 'never closed": BOTH,
    "python3 -m pip install -r req.txt": [".venv"],
    ".venv/bin/pip install -e .": [".venv"],
    "uv sync": [".venv"],
    "python -m venv .venv": [".venv"],
    "bundle": ["vendor/bundle"],
    "cp .env.example .env": [".env"],
    "echo A=1 >> .env": [".env"],
    "echo A=1 >./.env": [".env"],
    "printf x | tee .env": [".env"],
    "touch 결제/.env": ["결제/.env"],
    "cd 결제 && touch .env": ["결제/.env"],
    "rm -rf node_modules/*": ["node_modules"],
    "rm -rf ./node_modules/.cache": ["node_modules"],
    "cd node_modules && rm -rf x": ["node_modules"],
    "dd of=.env": [".env"],
}
HARMLESS = [
    "",
    "make",
    "npm run ci",
    "npm test",
    "yarn build",
    "bundle exec rake",
    ".venv/bin/pytest",
    "cp .env .env.bak",
    "cat < .env",
    "source .env",
    "rm -rf node_modules",  # takes the link away, not what it points to
    "echo 'npm ci'",
    "touch node_modules.stamp .envrc",
    "cd / && touch .env",
    "docker compose --env-file .env up -d",
    "go vet ./...",
]


@pytest.mark.parametrize("command", WRITES)
def test_what_writes_through_a_link_is_found(command: str) -> None:
    assert link_writers.written_through(command, LINKS) == WRITES[command]


@pytest.mark.parametrize("command", HARMLESS)
def test_what_does_not_is_passed(command: str) -> None:
    assert link_writers.written_through(command, LINKS) == []


def test_without_the_link_there_is_nothing_to_warn_about() -> None:
    assert link_writers.written_through("npm ci && cp a .env", ["target"]) == []
