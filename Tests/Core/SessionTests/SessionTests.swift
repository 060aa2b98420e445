// Tests of Session.
