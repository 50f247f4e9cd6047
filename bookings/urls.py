"""Addresses of the pages of visitors, customers and owners."""

from django.urls import path, re_path

from bookings.views import (
    access,
    account,
    booking,
    changing,
    choosing,
    conversation,
    details,
    public,
)
from bookings.views.manage import booking as desk_booking
from bookings.views.manage import desk, keys, money, setup, team

_ONE = "bookings/<str:booking_id>/"
_DESK_ONE = "manage/bookings/<str:booking_id>/"
_DESK = "manage/<slug:slug>/"
_INVITED = "invitations/<str:invitation_id>"
_MEMBER = "members/<str:user_id>"

urlpatterns = [
    path("", public.home, name="home"),
    path("b/<slug:slug>/", public.business_page, name="business"),
    path("b/<slug:slug>/<slug:service_slug>/", choosing.service_page, name="service"),
    path("b/<slug:slug>/<slug:service_slug>/book/", details.details_page, name="booking_details"),
    path("go/<str:token>/", access.guest_link, name="guest_link"),
    path(_ONE, booking.booking_page, name="booking"),
    path(f"{_ONE}pay/", booking.pay, name="booking_pay"),
    path(f"{_ONE}cancel/", changing.cancel, name="booking_cancel"),
    path(f"{_ONE}reschedule/", changing.reschedule, name="booking_reschedule"),
    path(f"{_ONE}messages/", conversation.messages_page, name="booking_messages"),
    path(f"{_ONE}calendar.ics", changing.calendar_file, name="booking_calendar_file"),
    path("account/", account.account_home, name="account_home"),
    path("manage/", desk.manage_home, name="manage_home"),
    path(_DESK_ONE, desk_booking.booking_page, name="manage_booking"),
    path(f"{_DESK_ONE}refund/", desk_booking.refund, name="manage_refund"),
    path(f"{_DESK_ONE}tasks/<str:task_id>/done/", desk_booking.task_done, name="manage_task_done"),
    re_path(
        r"^manage/bookings/(?P<booking_id>[^/]+)/"
        r"(?P<name>approve|decline|confirm|cancel|complete|no_show)/$",
        desk_booking.step,
        name="manage_step",
    ),
    path(_DESK, desk.today, name="manage_today"),
    path(f"{_DESK}week/", desk.week, name="manage_week"),
    path(f"{_DESK}bookings/", desk.bookings_list, name="manage_bookings"),
    path(f"{_DESK}services/", setup.services, name="manage_services"),
    path(f"{_DESK}services/new/", setup.service, name="manage_service_new"),
    path(f"{_DESK}services/<str:service_id>/", setup.service, name="manage_service"),
    path(f"{_DESK}hours/", setup.hours, name="manage_hours"),
    path(f"{_DESK}hours/closed/", setup.add_days_off, name="manage_days_off"),
    path(
        f"{_DESK}hours/closed/<str:block_id>/open/",
        setup.remove_days_off,
        name="manage_days_off_remove",
    ),
    path(f"{_DESK}payments/", money.payments, name="manage_payments"),
    path(f"{_DESK}profile/", setup.profile, name="manage_profile"),
    path(f"{_DESK}team/", team.team, name="manage_team"),
    path(f"{_DESK}team/invite/", team.invite, name="manage_invite"),
    path(f"{_DESK}team/leave/", team.leave, name="manage_leave"),
    path(f"{_DESK}team/{_INVITED}/resend/", team.resend, name="manage_invitation_resend"),
    path(f"{_DESK}team/{_INVITED}/cancel/", team.cancel, name="manage_invitation_cancel"),
    path(f"{_DESK}team/{_MEMBER}/role/", team.change_role, name="manage_member_role"),
    path(f"{_DESK}team/{_MEMBER}/remove/", team.remove, name="manage_member_remove"),
    path(f"{_DESK}team/{_MEMBER}/owner/", team.hand_over, name="manage_hand_over"),
    path(f"{_DESK}keys/", keys.keys, name="manage_keys"),
    path(f"{_DESK}keys/new/", keys.new_key, name="manage_key_new"),
    path(f"{_DESK}keys/<str:key_id>/rotate/", keys.rotate, name="manage_key_rotate"),
    path(f"{_DESK}keys/<str:key_id>/revoke/", keys.revoke, name="manage_key_revoke"),
]
