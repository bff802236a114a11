"""Samples whose settings are the test's own: PyTorch's side gets the tensors only."""
import ops_common


def case(fn, compute, inputs, args=(), grad=True):
    ops_common.case(fn, lambda *tensors: compute(*tensors[:len(inputs)]), inputs, args, grad)
