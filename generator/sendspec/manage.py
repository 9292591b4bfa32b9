"""The order of the stages that change the world, and nothing else.

setup + lock + world -> plan -> changes, one at a time -> lock.
"""
