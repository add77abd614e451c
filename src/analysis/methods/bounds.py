"""What can be said of a difference of shares when cells are unknown: the public names.

`completions`, `shares`: sharp bounds; `tipping`: curves over unreported cells; `asking`: what to
ask next.
"""

from analysis.methods.asking import Settling as Settling
from analysis.methods.asking import cell_values as cell_values
from analysis.methods.asking import settling as settling
from analysis.methods.completions import Bounds as Bounds
from analysis.methods.completions import risk_difference as risk_difference
from analysis.methods.completions import risk_ratio as risk_ratio
from analysis.methods.shares import difference as difference
from analysis.methods.shares import share as share
from analysis.methods.shares import share_where as share_where
from analysis.methods.tipping import PRange as PRange
from analysis.methods.tipping import base_rate_curve as base_rate_curve
from analysis.methods.tipping import chance_of_reports as chance_of_reports
from analysis.methods.tipping import p_range as p_range
from analysis.methods.tipping import tipping as tipping
