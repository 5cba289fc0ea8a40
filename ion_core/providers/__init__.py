"""The providers' room: one module a protocol behind one door (``base.py``)."""
