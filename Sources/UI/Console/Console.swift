// Console: model, update, view. Pure.
