package dev.backhaul.android.testkit

import android.app.job.JobScheduler
import android.app.job.JobService
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowService

/** Robolectric's shadow swallows what a service says to the system; the platform's own code says it to a [JobRunner]. */
@Implements(JobService::class)
class RealJobService : ShadowService()

/** Robolectric's shadow has a fake of its own for the system's scheduler only; [StrictJobScheduler] is another. */
@Implements(JobScheduler::class)
class RealJobScheduler
