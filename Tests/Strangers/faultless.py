from stranger import Stranger

Stranger().serve()
