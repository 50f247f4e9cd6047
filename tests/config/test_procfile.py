import pytest

from config.embedded.services import PROJECT
from config.processes.procfile import ProcfileError, read_procfile, shell_argv


class TestReadProcfile:
    def test_keeps_order_and_skips_comments_and_blank_lines(self, tmp_path):
        path = tmp_path / "Procfile"
        path.write_text("# processes\n\nweb: serve --port $PORT\nworker-bulk: work: hard\n")

        assert list(read_procfile(path).items()) == [
            ("web", "serve --port $PORT"),
            ("worker-bulk", "work: hard"),
        ]

    @pytest.mark.parametrize("line", ["serve", "web:", ": serve"])
    def test_names_the_line_it_cannot_read(self, tmp_path, line):
        path = tmp_path / "Procfile"
        path.write_text(f"web: serve\n{line}\n")

        with pytest.raises(ProcfileError, match="Procfile, line 2: expected `name: command`"):
            read_procfile(path)

    def test_finds_the_processes_of_the_product(self):
        commands = read_procfile(PROJECT / "Procfile")

        assert list(commands) == ["web", "realtime", "worker", "worker-bulk", "beat", "release"]
        kinds = [command.split()[1] for command in commands.values()]
        assert kinds == [
            "PROCESS_TYPE=web",
            "PROCESS_TYPE=realtime",
            "PROCESS_TYPE=worker",
            "PROCESS_TYPE=worker",
            "PROCESS_TYPE=beat",
            "PROCESS_TYPE=release",
        ]

    def test_lets_signals_reach_the_command(self):
        assert shell_argv("serve $PORT") == ["/bin/sh", "-c", "exec serve $PORT"]
