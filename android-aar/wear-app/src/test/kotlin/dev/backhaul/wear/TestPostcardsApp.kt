package dev.backhaul.wear

import dev.backhaul.wear.model.AppEnvironment

/** The app, whose process begins when a test says so, and lives where the test says. */
class TestPostcardsApp : PostcardsApp() {
    internal var home: AppEnvironment? = null

    /** Robolectric's start of the process is none. */
    override fun onCreate() = Unit

    fun startProcess() {
        super.onCreate()
    }

    override fun environment(): AppEnvironment = home ?: super.environment()
}
