# How a tensor stands in values.json: shape and numbers, with names for what JSON does not have.
import math


def number(x):
    if isinstance(x, bool):
        return int(x)
    if isinstance(x, int):
        return x
    if math.isnan(x):
        return 'NaN'
    if math.isinf(x):
        return 'Infinity' if x > 0 else '-Infinity'
    return '-0' if x == 0 and math.copysign(1, x) < 0 else x


def entry(shape, flat):
    return {'shape': list(shape), 'data': [number(x) for x in flat]}
