"""Where pip put the binary."""

import os
import sys
import sysconfig


def find_binary():
    """The path of the binary that belongs to this package.

    `FileNotFoundError` says where it was looked for, if it is nowhere.
    """
    name = "asynclint" + (sysconfig.get_config_var("EXE") or "")
    tried = []
    for folder in _folders():
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        tried.append(folder)
    raise FileNotFoundError(
        "cannot find the binary `{}` in any of: {}".format(name, ", ".join(tried))
    )


def _folders():
    """The folders for programs of each way in which pip installs, the likeliest first."""
    yield sysconfig.get_path("scripts")
    # `pip install --user`.
    if os.name == "nt":
        scheme = "nt_user"
    elif sys.platform == "darwin" and sys._framework:
        scheme = "osx_framework_user"
    else:
        scheme = "posix_user"
    yield sysconfig.get_path("scripts", scheme)
    # `pip install --target`, and the build environments of pip: programs lie beside the packages.
    packages = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield os.path.join(packages, "bin")
    # `pip install --prefix`: <prefix>/lib/python3.x/site-packages.
    prefix = os.path.dirname(os.path.dirname(os.path.dirname(packages)))
    yield os.path.join(prefix, "Scripts" if os.name == "nt" else "bin")
