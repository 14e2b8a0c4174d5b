package dev.backhaul.ffi

import com.sun.jna.Callback
import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import com.sun.jna.Structure
import java.lang.reflect.Modifier
import java.util.concurrent.atomic.AtomicInteger

/**
 * How the library's own threads look from the JVM when they call back.
 *
 * Without this each call would make a `Thread` object of its own, not a daemon: slow, and a JVM that does not
 * exit while a session is open. With it a native thread is attached once, until it ends, as a daemon.
 */
public object CallbackThreads {
    /** What the names of the threads begin with. */
    public const val NAME_PREFIX: String = "backhaul-"

    private val attached = AtomicInteger()

    private val initializer =
        object : CallbackThreadInitializer(true, false) {
            override fun getName(callback: Callback): String = NAME_PREFIX + attached.incrementAndGet()
        }

    /** One a foreign trait: what the library calls. A test compares it with what was generated. */
    internal val vtables: List<Structure>
        get() =
            listOf(
                uniffiCallbackInterfaceDeferralPolicy.vtable,
                uniffiCallbackInterfaceDelegateExecutor.vtable,
                uniffiCallbackInterfaceLogSink.vtable,
                uniffiCallbackInterfacePlatformTransport.vtable,
                uniffiCallbackInterfaceRedirectAnswer.vtable,
                uniffiCallbackInterfaceScenarioHost.vtable,
                uniffiCallbackInterfaceSessionDelegate.vtable,
                uniffiCallbackInterfaceSessionFactory.vtable,
                uniffiCallbackInterfaceSimulatedApp.vtable,
                uniffiCallbackInterfaceTrustEvaluator.vtable,
                uniffiCallbackInterfaceWakeCompletion.vtable,
                uniffiCallbackInterfaceWakeScheduler.vtable,
            )

    /** Every function that the library calls. */
    internal val callbacks: List<Callback>
        get() = vtables.flatMap(::callbacksOf) + uniffiRustFutureContinuationCallbackImpl

    private fun callbacksOf(vtable: Structure): List<Callback> =
        vtable.javaClass.fields
            .filter { !Modifier.isStatic(it.modifiers) }
            .mapNotNull { it.get(vtable) as? Callback }

    /**
     * Loads the library, checks that it is of the version that the Kotlin was generated from, and sets up the threads.
     * Before anything else of this package is used; again does nothing.
     *
     * @throws LinkageError when there is no library for this platform.
     * @throws RuntimeException when the library is of another version.
     */
    public fun attach() {
        loaded
    }

    private val loaded: Unit by lazy {
        // Before the library is loaded: its first call may come at any time after.
        for (callback in callbacks) {
            Native.setCallbackThreadInitializer(callback, initializer)
        }
        uniffiEnsureInitialized()
    }
}
