"""The parts of ``benchmarks/paper.py``; each module may import those before it.

``runs`` lists the runs of each experiment, ``xlsa17`` and ``imagenet`` read data and test models,
``sources`` finds data sets, ``campaign`` executes runs and keeps their results, ``figures`` draws.
"""
