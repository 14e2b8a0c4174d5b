package dev.backhaul

/**
 * What must hold for a task to run: a set of conditions, each with the reason that a task gives while it waits for it.
 * The numbers are the same in every language and never change their meaning.
 *
 * @property bits the set, one bit for each.
 */
public data class Needs(
    public val bits: Long,
) {
    /** All of both. */
    public operator fun plus(other: Needs): Needs = Needs(bits or other.bits)

    /** These without those. */
    public operator fun minus(other: Needs): Needs = Needs(bits and other.bits.inv())

    /** Whether all of [other] are in it. */
    public operator fun contains(other: Needs): Boolean = bits and other.bits == other.bits

    public companion object {
        /** No need at all. */
        @JvmField public val NONE: Needs = Needs(0)

        /** A network that leads anywhere. */
        @JvmField public val NETWORK: Needs = Needs(1L shl 0)

        /** Not a mobile network. */
        @JvmField public val NOT_CELLULAR: Needs = Needs(1L shl 1)

        /** A network that does not cost money by volume. */
        @JvmField public val NOT_EXPENSIVE: Needs = Needs(1L shl 2)

        /** No Low Data Mode. */
        @JvmField public val NOT_CONSTRAINED: Needs = Needs(1L shl 3)

        /** For discretionary work: a charger and an unmetered network. */
        @JvmField public val EASE: Needs = Needs(1L shl 4)

        /** For discretionary work whose deadline nears: a charger or an unmetered network. */
        @JvmField public val EASE_HALF: Needs = Needs(1L shl 5)

        /** For discretionary work: the battery is not being saved. */
        @JvmField public val NOT_LOW_POWER: Needs = Needs(1L shl 6)

        /** For discretionary work: a device that is not warm. */
        @JvmField public val NOT_WARM: Needs = Needs(1L shl 7)

        /** For discretionary work: the volume is not short of room. */
        @JvmField public val ROOM: Needs = Needs(1L shl 8)

        /** For discretionary work of an app that is rarely used: a charger. */
        @JvmField public val CHARGER_IF_RARE: Needs = Needs(1L shl 9)

        /** A device that is not too hot for any work. */
        @JvmField public val NOT_HOT: Needs = Needs(1L shl 10)

        /** Files that are protected while the device is locked can be read and written. */
        @JvmField public val UNLOCKED: Needs = Needs(1L shl 11)

        /** The app has run time: it is in front, or the platform lent it a wake. */
        @JvmField public val AWAKE: Needs = Needs(1L shl 12)

        /** For work that was started in the background: the launch limiter is open (rule P5). */
        @JvmField public val RATE: Needs = Needs(1L shl 13)

        /** For a transfer that is large for a watch: a charger and Wi-Fi (rule P8). */
        @JvmField public val SMALL: Needs = Needs(1L shl 14)

        /** No Data Saver. */
        @JvmField public val NO_DATA_SAVER: Needs = Needs(1L shl 15)
    }
}
