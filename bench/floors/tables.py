"""The floors' own tables and the one key in Redis."""

from typing import Final

from bench.settings_names import REDIS_PREFIX

REDIS_KEY: Final = f"{REDIS_PREFIX}:floor"

TABLES: Final = """
CREATE TABLE bench_notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL UNIQUE,
  body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE bench_key (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, answer bytea);
CREATE TABLE bench_calendar (id bigint PRIMARY KEY);
INSERT INTO bench_calendar SELECT generate_series(0, 63);
CREATE TABLE bench_contact (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text);
CREATE TABLE bench_booking (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  calendar_id bigint NOT NULL REFERENCES bench_calendar,
  contact_id bigint NOT NULL REFERENCES bench_contact,
  starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
  EXCLUDE USING gist (int8range(calendar_id, calendar_id, '[]') WITH =,
                      tstzrange(starts_at, ends_at) WITH &&));
CREATE TABLE bench_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text NOT NULL, data jsonb NOT NULL);
"""
