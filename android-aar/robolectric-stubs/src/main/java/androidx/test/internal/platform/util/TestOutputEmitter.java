package androidx.test.internal.platform.util;

/** Threads are not written out. */
public final class TestOutputEmitter {
    private TestOutputEmitter() {}

    public static void dumpThreadStates(String file) {}
}
