"""Where the embedded stack keeps things, and the fixed names it uses."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = PROJECT / ".local"
DEFAULT_PORT = 8700
HOST = "127.0.0.1"

AWS_ACCOUNT = "123456789012"
AWS_REGION = "us-east-1"
STAGE = "local"
STACK_NAME = f"openvod-{STAGE}"


@dataclass(frozen=True)
class Layout:
    """The files of one data directory and the ports of the stack that runs on it."""

    data: Path
    port: int

    @property
    def emulator_port(self) -> int:
        return self.port + 1

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def edge_port(self) -> int:
        return self.port + 2

    @property
    def edge_url(self) -> str:
        return f"http://{HOST}:{self.edge_port}"

    @property
    def emulator_url(self) -> str:
        return f"http://{HOST}:{self.emulator_port}"

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def stack_file(self) -> Path:
        """What a client needs to know; there only while everything answers."""
        return self.data / "stack.json"

    @property
    def process_file(self) -> Path:
        """The processes of the running stack, so that the next one finds orphans of this one."""
        return self.data / "processes.json"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def emulator(self) -> Path:
        return self.data / "emulator"

    @property
    def aws_config(self) -> Path:
        """AWS profiles: one for each role, and one for the emulator's root key."""
        return self.data / "aws-config.ini"

    def log_file(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def create(self) -> None:
        """Make the directories. They hold keys and customers' media: nobody else may look in."""
        for directory in (self.data, self.logs, self.emulator):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
