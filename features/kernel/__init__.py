"""The columnar kernels: they sweep the events of every entity in time and answer all queries.

An event counts at `as_of` when `known < as_of <= ends`, where `ends` is the earliest of
`occurred + width`, its replacement and what else ends it. Only whole numbers are added up, so no
order of addition can change a result.
"""
