"""What can be said of a difference of shares when cells are unknown: the public names.

`completions`, `shares`: sharp bounds; `tipping`: curves over unreported cells; `asking`: what to
ask next.
"""

from smalln.asking import Settling as Settling
from smalln.asking import cell_values as cell_values
from smalln.asking import settling as settling
from smalln.completions import Bounds as Bounds
from smalln.completions import risk_difference as risk_difference
from smalln.completions import risk_ratio as risk_ratio
from smalln.shares import difference as difference
from smalln.shares import share as share
from smalln.shares import share_where as share_where
from smalln.tipping import PRange as PRange
from smalln.tipping import base_rate_curve as base_rate_curve
from smalln.tipping import chance_of_reports as chance_of_reports
from smalln.tipping import p_range as p_range
from smalln.tipping import tipping as tipping
