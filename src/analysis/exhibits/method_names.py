"""Names of tests and intervals as tables show them, by the index of `smalln.error_rates`."""

from analysis.claims.words import _

METHODS = {
    "fisher": _("Fisher, two groups"),
    "boschloo": _("Boschloo, two groups"),
    "rank_sum": _("permutation of ranks, two groups"),
    "mean_difference": _("permutation of means, two groups"),
    "freeman_halton": _("Freeman-Halton, all types"),
    "stratified": _("exact within strata, two groups"),
    "min_p": _("smallest p over all two-way groupings"),
    "clopper-pearson": _("Clopper-Pearson, a share"),
    "wilson": _("Wilson, a share"),
    "newcombe": _("Newcombe, a difference"),
    "miettinen-nurminen": _("Miettinen-Nurminen, a difference"),
    "koopman": _("Koopman, a ratio"),
}
KINDS = {"test": _("test"), "interval": _("interval")}
# whether a method is never on the wrong side of its nominal level; None: not computed
KEEPS = {
    True: _("keeps its level"),
    False: _("does not keep it"),
    None: _("not computed: too many outcomes to enumerate"),
}
