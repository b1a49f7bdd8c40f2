"""`python -m radpipe`, as the rules of the workflow call it."""

import sys

from radpipe.cli import main

sys.exit(main())
