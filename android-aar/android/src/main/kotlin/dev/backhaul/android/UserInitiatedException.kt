package dev.backhaul.android

/** Why a transfer could not be started as one that the user asked for. Its tasks are untouched by it. */
public sealed class UserInitiatedException(
    message: String,
) : Exception(message) {
    /** The app is not on the screen: Android takes such jobs only while the user sees that they were asked for. */
    public class NotVisible internal constructor() :
        UserInitiatedException(
            "the app is not on the screen: start the transfer where the user asks for it, or leave it to the wakes",
        )

    /** The permission is missing. */
    public class NotPermitted internal constructor() :
        UserInitiatedException(
            "android.permission.RUN_USER_INITIATED_JOBS was taken out of the merged manifest: put it back",
        )

    /** So many run already. */
    public class TooMany internal constructor(
        /** As many as there can be. */
        public val limit: Int,
    ) : UserInitiatedException("$limit transfers that the user asked for run already: put more tasks into each")

    /** The transfer itself cannot be meant. */
    public class Invalid internal constructor(
        reason: String,
    ) : UserInitiatedException(reason)

    /** The system takes no more jobs of this app. */
    public class Refused internal constructor(
        reason: String,
    ) : UserInitiatedException(reason)
}
