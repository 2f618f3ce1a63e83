import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { dialog } from '../actions';
import { IconButton } from './controls';

/** Over everything else; Escape, the cross and a click beside it close it. */
export function Dialog({
  title,
  children,
  wide,
  testid,
  bare,
}: {
  title: string;
  children: ComponentChildren;
  wide?: boolean;
  testid?: string;
  bare?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = ref.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const close = () => (dialog.value = null);
  return (
    <dialog
      ref={ref}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      data-testid={testid}
      onCancel={close}
      onClick={(event) => event.target === ref.current && close()}
    >
      <div class="dialog-body">
        {!bare && (
          <div class="dialog-title">
            <h2>{title}</h2>
            <IconButton icon="close" label="Close" keys="Esc" onClick={close} />
          </div>
        )}
        {children}
      </div>
    </dialog>
  );
}
