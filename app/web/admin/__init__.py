"""The reseller's console: one module per noun, each with its area. Views translate; what happens is decided in the domain."""

AREAS = []
