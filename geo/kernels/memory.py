"""Memory by address: what a library of arrays has, and Python's call need not hand over one by one."""

import numba as nb
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def pointer(context, address):
    """Take a whole number for an address."""

    def generate(_, builder, __, arguments):
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@intrinsic
def prefetch(context, address):
    """Ask for the cache line at an address ahead of its use; any address will do."""

    def generate(ours, builder, __, arguments):
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] + [ir.IntType(32)] * 3)
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        at = builder.inttoptr(arguments[0], cgutils.voidptr_t)
        builder.call(function, [at, *(ir.Constant(ir.IntType(32), value) for value in (0, 3, 1))])
        return ours.get_dummy_value()

    return types.void(address), generate


@nb.njit(inline="always")
def word(address, place):
    """Read a whole number of 32 bits."""
    return nb.carray(pointer(address + 4 * place), (1,), np.int32)[0]


@nb.njit(inline="always")
def long(address, place):
    """Read a whole number of 64 bits."""
    return nb.carray(pointer(address + 8 * place), (1,), np.int64)[0]


@nb.njit(inline="always")
def short_float(address, place):
    """Read a float32 as a float."""
    return np.float64(half(address, place))


@nb.njit(inline="always")
def half(address, place):
    """Read a float32."""
    return nb.carray(pointer(address + 4 * place), (1,), np.float32)[0]


@nb.njit(inline="always")
def real(address, place):
    """Read a float."""
    return nb.carray(pointer(address + 8 * place), (1,), np.float64)[0]
