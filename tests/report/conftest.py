import pytest
from results_folder import Plan, write_folder

from radpipe.report.sources import read_results


@pytest.fixture(scope="session")
def ready(tmp_path_factory):
    """Return a folder with one seed of both arms, and its settings."""
    folder = tmp_path_factory.mktemp("results")
    return folder, write_folder(folder, Plan())


@pytest.fixture
def results(ready):
    return read_results(*ready)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads what a plan of its own makes."""
    return lambda plan: read_results(tmp_path, write_folder(tmp_path, plan))
