import os
import shutil
from collections import namedtuple

import pytest

from config.launcher import checks
from config.launcher.errors import CannotStart

Usage = namedtuple("Usage", "total used free")


class TestCheckFolder:
    def test_creates_the_folder(self, tmp_path):
        checks.check_folder(tmp_path / "a" / "var")

        assert (tmp_path / "a" / "var").is_dir()

    def test_refuses_a_full_disk_with_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 299 * 2**20))

        with pytest.raises(CannotStart, match=r"only 299 MB are free .* Free some space"):
            checks.check_folder(tmp_path)

    def test_refuses_a_folder_of_another_account(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "access", lambda path, mode: False)

        with pytest.raises(CannotStart, match="belongs to another account"):
            checks.check_folder(tmp_path)

    def test_refuses_a_place_that_cannot_hold_it(self, tmp_path):
        (tmp_path / "file").write_text("")

        with pytest.raises(CannotStart, match=r"cannot create .* set FRONTDESK_VAR"):
            checks.check_folder(tmp_path / "file" / "var")


class TestCheckGivenServices:
    def test_asks_for_nothing_that_is_not_given(self):
        checks.check_given_services({})

    def test_names_a_redis_that_does_not_answer(self):
        with pytest.raises(CannotStart, match="REDIS_URL does not lead to a Redis server"):
            checks.check_given_services({"REDIS_URL": "redis://127.0.0.1:1/0"})
