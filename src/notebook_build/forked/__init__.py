"""Forked kernels: Jupyter kernels that start from a process which has imported its libraries.

A `jupyter_client` kernel provisioner. Whoever names the kernel `forked` uses it (papermill,
nbclient, JupyterLab); nothing else changes. Each driver process has one warm parent, which forks a
kernel on each request; `warm.begin` starts it early, and the variable `FORKED_PRELOAD` names
more that it imports, for who puts the hash of what changes into the environment. It imports
nothing of the rest, so that it can leave as a package:

- `provisioner`: what `jupyter_client` calls, and the hold on one kernel; gives a plain kernel where
  a fork is not safe
- `warm`: the driver's side of the warm parents
- `parent`: the program of a warm parent, and how a fork of it becomes a kernel
- `kernel.json`: the kernelspec, with the list of what is imported beforehand
"""
