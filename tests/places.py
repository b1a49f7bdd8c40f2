"""Where tests find the repository's files and the real data beside it."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PARAMS = REPOSITORY / "params.yaml"
SOURCE = REPOSITORY / "src" / "radpipe"
REAL = REPOSITORY.parent / "shared" / "data"
