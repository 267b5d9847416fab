"""The one thing setup.cfg cannot say: the native core, which is built where there is a compiler."""

from glob import glob

from setuptools import Extension, setup

core = Extension(
    "sfu.engine._native",
    sources=["sfu/engine/_native.c", *sorted(glob("sfu/engine/core/*.c"))],
    depends=sorted(glob("sfu/engine/core/*.h")),
    # Doubles must come out as in Python: no contraction of multiplication and addition.
    extra_compile_args=[
        "-std=gnu11",
        "-O3",
        "-fno-strict-aliasing",
        "-ffp-contract=off",
        "-fvisibility=hidden",
        "-pthread",
    ],
    extra_link_args=["-pthread"],
    optional=True,
)

setup(ext_modules=[core])
