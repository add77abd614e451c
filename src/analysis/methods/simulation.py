"""What can go wrong and how often: the public names.

`operating`: tests and intervals over all outcomes; `programmes`: made-up programmes with a notice
that reports unevenly; `readings`, `coverage`: what a reader of such a notice finds; `reporting`:
which shares would give a notice.
"""

from analysis.methods.coverage import Coverage as Coverage
from analysis.methods.coverage import coverage as coverage
from analysis.methods.operating import TESTS as TESTS
from analysis.methods.operating import pair_coverage as pair_coverage
from analysis.methods.operating import share_coverage as share_coverage
from analysis.methods.operating import type_one_error as type_one_error
from analysis.methods.programmes import Programme as Programme
from analysis.methods.readings import Reading as Reading
from analysis.methods.readings import asking_all as asking_all
from analysis.methods.readings import placebo as placebo
from analysis.methods.readings import silence_as_no as silence_as_no
from analysis.methods.reporting import Mentions as Mentions
from analysis.methods.reporting import reporting_map as reporting_map
