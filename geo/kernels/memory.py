"""Memory by address: what a library of arrays has, and Python's call need not hand over one by one."""

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
