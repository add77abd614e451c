"""How a study is published: parameters, plan, ledger, pages and the site, sweeps."""

# its import keeps jsonschema from building a grammar for a second, here and in what renders pages
import notebook_build  # noqa: F401
