"""What can go wrong and how often: the public names.

`operating`: tests and intervals over all outcomes; `programmes`: made-up programmes with a notice
that reports unevenly; `readings`, `coverage`: what a reader of such a notice finds; `reporting`:
which shares would give a notice.
"""

from smalln.coverage import Coverage as Coverage
from smalln.coverage import coverage as coverage
from smalln.operating import TESTS as TESTS
from smalln.operating import error_rates as error_rates
from smalln.operating import pair_coverage as pair_coverage
from smalln.operating import share_coverage as share_coverage
from smalln.operating import smallest_p as smallest_p
from smalln.operating import type_one_error as type_one_error
from smalln.programmes import Programme as Programme
from smalln.readings import Reading as Reading
from smalln.readings import asking_all as asking_all
from smalln.readings import placebo as placebo
from smalln.readings import silence_as_no as silence_as_no
from smalln.reporting import Mentions as Mentions
from smalln.reporting import reporting_map as reporting_map
