package dev.backhaul

import com.sun.jna.Platform
import dev.backhaul.ffi.CallbackThreads

/**
 * There is no native library for this platform, or it is not of the version that this jar was built with. The message
 * says which file is missing and how it is built.
 */
public class NativeLibraryException internal constructor(
    message: String,
    cause: Throwable,
) : IllegalStateException(message, cause)

/** The library below the generated code. */
internal object NativeLibrary {
    private const val NAME = "backhaul_ffi"

    /** What went wrong the first time; a class that could not be initialised does not say it twice. */
    private var failure: NativeLibraryException? = null
    private var isLoaded = false

    /** Loads it, once. Everything that reaches the library calls this before. */
    @Synchronized
    fun load() {
        if (isLoaded) return
        failure?.let { throw it }
        try {
            CallbackThreads.attach()
            isLoaded = true
        } catch (error: LinkageError) {
            val root = rootOf(error)
            val text = if (lacksFunction(root)) otherVersionText(root) else missingText(root)
            throw remember(NativeLibraryException(text, error))
        } catch (other: RuntimeException) {
            throw remember(NativeLibraryException(otherVersionText(other), other))
        }
    }

    private fun remember(exception: NativeLibraryException) = exception.also { failure = it }

    private fun rootOf(error: Throwable): Throwable = generateSequence(error) { it.cause }.last()

    /** There is a library, without something that it should have. */
    private fun lacksFunction(root: Throwable) = root.message.orEmpty().startsWith("Error looking up function")

    private fun missingText(root: Throwable): String {
        val file = System.mapLibraryName(NAME)
        val platform = Platform.RESOURCE_PREFIX
        return "$file for $platform is neither on the class path as $platform/$file nor on jna.library.path. " +
            "${howToBuild(platform, file)} (${root.message?.lineSequence()?.firstOrNull()})"
    }

    private fun otherVersionText(error: Throwable): String {
        val file = System.mapLibraryName(NAME)
        return "$file is of another version than this jar: build both from the same sources, and run " +
            "bindings/generate after a change of bindings/src (${error.message})"
    }

    private fun howToBuild(
        platform: String,
        file: String,
    ): String =
        if (platform.startsWith("android")) {
            "Build it for the ABI ${abiOf(platform)} with android-aar/build-native and put it into the AAR."
        } else {
            "Build it with android-aar/build-host-native, or with `cargo build --release -p backhaul-ffi` and " +
                "-Djna.library.path=target/release for a JVM that runs beside $file."
        }

    /** Android's name for what JNA calls a platform. */
    private fun abiOf(platform: String): String =
        when (platform.removePrefix("android-")) {
            "aarch64" -> "arm64-v8a"
            "arm" -> "armeabi-v7a"
            "x86-64" -> "x86_64"
            else -> platform
        }
}
