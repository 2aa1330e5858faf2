// A test without an assertion passes whatever the program does: here it fails.
beforeEach(() => expect.hasAssertions());
