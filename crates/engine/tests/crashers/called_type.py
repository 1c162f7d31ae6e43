type(self)
