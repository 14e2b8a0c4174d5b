package dev.backhaul

/** What the device is connected through. */
public enum class Network {
    /** Nothing. */
    NONE,

    /** Wi-Fi. */
    WIFI,

    /** A mobile network. */
    CELLULAR,

    /** A cable. */
    WIRED,
}

/** How warm the device is. */
public enum class ThermalState {
    /** As it should be. */
    NOMINAL,

    /** Slightly warm; nothing waits. */
    FAIR,

    /** Warm enough that the system slows down: discretionary work waits. */
    SERIOUS,

    /** Too hot: everything waits. */
    CRITICAL,
}

/** Where the app is in its life (rule W1). */
public enum class AppState {
    /** On the screen, in use. */
    ACTIVE,

    /** On the screen, or on a watch within two minutes of use. */
    FRONTMOST,

    /** Runs behind another app, or in a wake. */
    BACKGROUND,

    /** In memory, without run time. */
    SUSPENDED,

    /** Not in memory. */
    NOT_RUNNING,
}

/** Android's app standby buckets. */
public enum class StandbyBucket {
    /** Used just now, or a platform that has no buckets. */
    ACTIVE,

    /** Used regularly. */
    WORKING_SET,

    /** Used often, not daily. */
    FREQUENT,

    /** Seldom used. */
    RARE,

    /** Restricted by the system or the user. */
    RESTRICTED,
}

/**
 * Everything about the system that decides whether a transfer may run (section P of the contract). Pushed, never
 * polled. What is not said is ideal: unmetered Wi-Fi, a charger, and the app on the screen.
 *
 * @property network the kind of network.
 * @property isExpensive the network costs money by volume.
 * @property isConstrained the user asked for little traffic on this network.
 * @property isCaptive the network answers everything with a page of its own until somebody signs in.
 * @property isCharging on a charger.
 * @property batteryPercent what the battery holds; none without a battery, or where nobody says.
 * @property isLowPower the battery saver is on.
 * @property thermal how warm the device is.
 * @property isStorageLow the system says that storage is short.
 * @property appState where the app is in its life.
 * @property isDataSaver Android's Data Saver.
 * @property standbyBucket Android's standby bucket.
 * @property isProtectedDataAvailable files that are protected while the device is locked can be read and written.
 */
public data class SystemConditions(
    public val network: Network = Network.WIFI,
    public val isExpensive: Boolean = false,
    public val isConstrained: Boolean = false,
    public val isCaptive: Boolean = false,
    public val isCharging: Boolean = true,
    public val batteryPercent: Int? = null,
    public val isLowPower: Boolean = false,
    public val thermal: ThermalState = ThermalState.NOMINAL,
    public val isStorageLow: Boolean = false,
    public val appState: AppState = AppState.ACTIVE,
    public val isDataSaver: Boolean = false,
    public val standbyBucket: StandbyBucket = StandbyBucket.ACTIVE,
    public val isProtectedDataAvailable: Boolean = true,
)

internal fun SystemConditions.exported() =
    GeneratedConditions(
        network.mirrored(),
        isExpensive,
        isConstrained,
        isCaptive,
        isCharging,
        batteryPercent?.coerceIn(0, 100)?.toUByte(),
        isLowPower,
        thermal.mirrored(),
        isStorageLow,
        appState.mirrored(),
        isDataSaver,
        standbyBucket.mirrored(),
        isProtectedDataAvailable,
    )

internal fun GeneratedConditions.imported() =
    SystemConditions(
        network.mirrored(),
        expensive,
        constrained,
        captive,
        charging,
        batteryPercent?.toInt(),
        lowPower,
        thermal.mirrored(),
        storageLow,
        appState.mirrored(),
        dataSaver,
        standbyBucket.mirrored(),
        protectedDataAvailable,
    )
