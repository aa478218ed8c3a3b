"""The kernels in C: what the products of small batches take where torch's own are slow."""
