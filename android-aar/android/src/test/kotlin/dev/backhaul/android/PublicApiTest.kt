package dev.backhaul.android

import dev.backhaul.PublicApi
import kotlin.test.Test

class PublicApiTest {
    private val api = PublicApi("backhaul-android")

    // rule E3
    @Test
    fun `the public API is the one that is checked in`(): Unit = api.assertIsCheckedIn()

    // rule E3
    @Test
    fun `no generated and no unsigned type is in the public API`(): Unit = api.assertHasNoForeignType()
}
