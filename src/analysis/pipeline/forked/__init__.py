"""Forked kernels: Jupyter kernels that start from a process which has imported its libraries.

A `jupyter_client` kernel provisioner. Whoever names the kernel `forked` uses it (papermill,
nbclient, JupyterLab); nothing else changes. Each driver process has one warm parent, which forks a
kernel on each request; `registry.begin` starts it early, and the variable `FORKED_PRELOAD` names
more that it imports, for who puts the hash of what changes into the environment. The room imports
nothing of the project, so that it can leave as a package:

- `provisioner`: what `jupyter_client` calls; gives a plain kernel where a fork is not safe
- `registry`: the warm parents of a driver
- `warm`: the driver's side of one of them
- `process`: the driver's hold on one kernel
- `parent`: the program of the warm parent, and how a fork of it becomes a kernel
- `kernel.json`: the kernelspec, with the list of what is imported beforehand
"""
