package dev.backhaul.android

/**
 * Calls what Android got after the minimum (API 26), and by API 33. A mark for the guard of the build, and no check: the
 * caller has asked which version the device has. What is newer than API 33 has [android.annotation.TargetApi]: the list
 * of what is hidden from apps ends there.
 */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION, AnnotationTarget.CONSTRUCTOR)
internal annotation class AboveMinimum
