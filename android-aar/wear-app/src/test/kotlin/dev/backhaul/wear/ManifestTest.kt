package dev.backhaul.wear

import android.content.ComponentName
import android.content.Intent
import android.content.pm.PackageManager
import dev.backhaul.android.BackhaulJobService
import dev.backhaul.android.testkit.StrictJobScheduler
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** What the system is told of the app: its own manifest, and the library's in it. */
@RunWith(RobolectricTestRunner::class)
class ManifestTest {
    private val context = RuntimeEnvironment.getApplication()
    private val manager = context.packageManager

    @Test
    fun `the launcher opens the list`() {
        val launch = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER).setPackage(context.packageName)
        val found = manager.queryIntentActivities(launch, 0).map { it.activityInfo.name }
        assertEquals(listOf(PostcardsActivity::class.java.name), found)
        val detail = ComponentName(context, TaskDetailActivity::class.java)
        assertFalse(manager.getActivityInfo(detail, 0).exported)
    }

    @Test
    fun `it is an app for a watch that needs no phone`() {
        val info = manager.getPackageInfo(context.packageName, PackageManager.GET_CONFIGURATIONS)
        assertEquals(listOf("android.hardware.type.watch"), info.reqFeatures.orEmpty().map { it.name })
        val metaData = manager.getApplicationInfo(context.packageName, PackageManager.GET_META_DATA).metaData
        assertTrue(metaData.getBoolean("com.google.android.wearable.standalone"))
    }

    // rule S5
    @Test
    fun `the library's service, provider and permissions are in it`() {
        val service = manager.getServiceInfo(ComponentName(context, BackhaulJobService::class.java), 0)
        assertEquals("android.permission.BIND_JOB_SERVICE", service.permission)
        assertFalse(service.exported)
        val provider = manager.resolveContentProvider("dev.backhaul.wear.dev.backhaul", 0)
        assertEquals("dev.backhaul.android.BackhaulProvider", provider?.name, "the place-holder is the app's package")
        val permissions =
            manager
                .getPackageInfo(
                    context.packageName,
                    PackageManager.GET_PERMISSIONS,
                ).requestedPermissions
        assertEquals(
            setOf(
                "android.permission.INTERNET",
                "android.permission.ACCESS_NETWORK_STATE",
                "android.permission.RECEIVE_BOOT_COMPLETED",
                "android.permission.RUN_USER_INITIATED_JOBS",
                "android.permission.POST_NOTIFICATIONS",
            ),
            permissions.orEmpty().toSet(),
        )
    }

    @Test
    @Config(application = PostcardsApp::class)
    fun `the application is the one that the manifest names`() {
        val name = manager.getApplicationInfo(context.packageName, 0).className
        assertEquals(PostcardsApp::class.java.name, name)
        val app = assertIs<PostcardsApp>(context)
        val jobs = StrictJobScheduler.install(app)
        jobs.onDeath = { app.model?.session?.close() }
        try {
            assertEquals(null, app.problem, "it starts as it is")
        } finally {
            jobs.killProcess()
        }
    }
}
